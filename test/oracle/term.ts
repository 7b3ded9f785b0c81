/** An SQL expression with its operands apart, so that it can be made smaller: `{0}` in the text stands for operand 0. */
export interface Term {
  readonly type: string;
  readonly text: string;
  readonly operands: readonly Term[];
}

export function term(type: string, text: string, ...operands: readonly Term[]): Term {
  return { type, text, operands };
}

export function termText({ text, operands }: Term): string {
  return text.replace(/\{(\d)\}/g, (_, index: string) => termText(operands[Number(index)] as Term));
}

/** Terms that say less, simplest first: NULL, an operand of the same type, the term with one operand made smaller. */
export function smallerTerms(whole: Term): Term[] {
  if (whole.operands.length === 0) return [];
  const same = whole.operands.filter((operand) => operand.type === whole.type);
  const inner = whole.operands.flatMap((operand, index) =>
    [...(operand.text.startsWith('NULL::') ? [] : [term(operand.type, `NULL::${operand.type}`)]), ...smallerTerms(operand)].map(
      (smaller) => ({
        ...whole,
        operands: whole.operands.map((each, at) => (at === index ? smaller : each)),
      }),
    ),
  );
  return [...same, ...inner];
}
