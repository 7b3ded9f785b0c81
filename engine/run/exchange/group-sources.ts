import { jointIdle, jointWatermark } from '../time/joint-watermark.ts';
import { endOfTime } from '../time/event-time.ts';
import { latest } from '../time/extremes.ts';
import type { SourceMark } from './frame.ts';

/** A lane's share of a source, as other lanes know it. */
interface Share {
  readonly outputWatermark: bigint | null;
  readonly idle: boolean;
  readonly quiet: boolean;
}

const unknown: Share = { outputWatermark: null, idle: false, quiet: false };

/**
 * How far all lanes of a group have come with each source. A lane whose partitions of a source are idle goes on with the others': it
 * closes what it holds, so that nobody has to leave it out.
 */
export class GroupSources {
  readonly #lanes: number;
  readonly #tell: (mark: SourceMark) => void;
  readonly #shares = new Map<string, Share[]>();
  readonly #told = new Map<string, Share>();

  constructor(lanes: number, tell: (mark: SourceMark) => void) {
    this.#lanes = lanes;
    this.#tell = tell;
  }

  receive(lane: number, { source, watermark, idle, quiet }: SourceMark): void {
    this.#sharesOf(source)[lane] = { outputWatermark: watermark, idle, quiet };
  }

  #sharesOf(source: string): Share[] {
    const known = this.#shares.get(source);
    if (known !== undefined) return known;
    const shares = new Array<Share>(this.#lanes).fill(unknown);
    this.#shares.set(source, shares);
    return shares;
  }

  /** Tells the other lanes how far this one is. */
  report(mark: SourceMark): void {
    const { source, watermark, idle, quiet } = mark;
    const told = this.#told.get(source);
    if (told !== undefined && told.outputWatermark === watermark && told.idle === idle && told.quiet === quiet) return;
    this.#told.set(source, { outputWatermark: watermark, idle, quiet });
    this.#tell(mark);
  }

  /**
   * Whether some lane that is reading one of the sources has not come as far as `watermark`. One that has nothing to read is not waited
   * for: who knows when it will.
   */
  behind(sources: readonly string[], watermark: bigint): boolean {
    return sources.some((source) =>
      this.#sharesOf(source).some(
        ({ outputWatermark, idle, quiet }) => !idle && !quiet && (outputWatermark === null || outputWatermark < watermark),
      ),
    );
  }

  /**
   * Where a lane goes on to whose partitions of `source` are idle: as far as the other lanes are, or, when it is idle in all of them,
   * as far as sources that are read together with it.
   */
  followed(source: string, together: readonly string[]): bigint | null {
    const shares = this.#sharesOf(source);
    const joint = jointWatermark(shares);
    if (!jointIdle(shares)) return joint;
    const others = together.map((other) => {
      const each = this.#sharesOf(other);
      return { outputWatermark: jointWatermark(each), idle: jointIdle(each), quiet: false };
    });
    return latest([joint, others.length === 0 ? null : this.#ofOthers(others)]);
  }

  /** A source that has ended says nothing of when another one's rows come. */
  #ofOthers(others: readonly Share[]): bigint | null {
    return jointWatermark(others.filter((other) => other.outputWatermark !== endOfTime));
  }
}
