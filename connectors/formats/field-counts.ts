const namesMax = 512;

/** How often fields were met that the table has not, by name; `null` stands for those beyond the bound. */
export class FieldCounts {
  readonly #counts = new Map<string | null, number>();

  add(names: readonly string[]): void {
    for (const name of names) {
      const key = this.#counts.has(name) || this.#counts.size < namesMax ? name : null;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  all(): ReadonlyMap<string | null, number> {
    return this.#counts;
  }
}
