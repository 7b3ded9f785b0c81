type Paint = (text: string) => string;

export interface Style {
  readonly colour: boolean;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  readonly bold: Paint;
  readonly dim: Paint;
}

/** NO_COLOR, FORCE_COLOR, --color and whether a person is looking, in the customary order of precedence. */
export function wantsColour(stream: NodeJS.WriteStream): boolean {
  const flag = process.argv.indexOf('--color');
  const choice = flag > 0 ? process.argv[flag + 1] : process.argv.find((word) => word.startsWith('--color='))?.slice(8);
  if (choice === 'always') return true;
  if (choice === 'never') return false;
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0';
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}

/** Sixteen-colour palette only: the user's theme decides what red looks like. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  const colour = wantsColour(stream);
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { colour, red: paint(31, 39), yellow: paint(33, 39), cyan: paint(36, 39), bold: paint(1, 22), dim: paint(2, 22) };
}
