/** Why a message cannot be read; `field` where known. Caught where the message's row would have been made. */
export class ValueFault extends Error {
  readonly field: string | null;
  constructor(message: string, field: string | null = null) {
    super(message);
    this.field = field;
  }
}
