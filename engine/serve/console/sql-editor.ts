import { acceptCompletion, autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { CatalogAnswer } from '../../status/api-types.ts';
import { completeFrom } from './completion.ts';

export interface EditorActions {
  readonly run: () => void;
  readonly cancel: () => void;
}

const colors = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--text-literal)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--number)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--comment)' },
]);

/** Start and end of what is underlined; null: nothing. */
const markFault = StateEffect.define<readonly [number, number] | null>();
const fault = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (shown, transaction) => {
    for (const effect of transaction.effects) {
      if (!effect.is(markFault)) continue;
      return effect.value === null ? Decoration.none : Decoration.set([Decoration.mark({ class: 'cm-fault' }).range(...effect.value)]);
    }
    return transaction.docChanged ? Decoration.none : shown;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * Text typed over a selection is replaced here: left to itself the browser keeps the old text's look in a style attribute, which the
 * page's security policy refuses.
 */
const replaceTyped = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { main } = view.state.selection;
    const { data } = event;
    if (event.inputType !== 'insertText' || data === null || main.empty || view.composing) return false;
    event.preventDefault();
    const insert = () => view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type' });
    const handled = view.state.facet(EditorView.inputHandler).some((handler) => handler(view, main.from, main.to, data, insert));
    if (!handled) view.dispatch(insert());
    return true;
  },
});

/** The statement being written. Tab indents nothing: it leaves the editor, as on every page. */
export class SqlEditor {
  readonly #view: EditorView;

  constructor(parent: HTMLElement, text: string, catalog: CatalogAnswer, actions: EditorActions) {
    const run = () => {
      actions.run();
      return true;
    };
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorView.cspNonce.of(document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''),
          EditorView.contentAttributes.of({ 'aria-label': 'SQL statement' }),
          lineNumbers(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({
            override: [completeFrom(catalog)],
            icons: false,
            defaultKeymap: false,
            selectOnOpen: false,
            filterStrict: true,
          }),
          sql({ dialect: PostgreSQL, upperCaseKeywords: true }),
          syntaxHighlighting(colors),
          fault,
          replaceTyped,
          keymap.of([
            { key: 'Mod-Enter', run },
            { key: 'Tab', run: acceptCompletion },
            ...completionKeymap,
            { key: 'Escape', run: (view) => leave(view, actions) },
            ...defaultKeymap,
            ...historyKeymap,
          ]),
        ],
      }),
    });
  }

  text(): string {
    return this.#view.state.doc.toString();
  }

  insert(text: string): void {
    this.#view.dispatch(this.#view.state.replaceSelection(text));
    this.#view.focus();
  }

  /** Underlines the word at a place of the statement. */
  mark(position: number | null): void {
    const { doc } = this.#view.state;
    if (position === null || position > doc.length) {
      this.#view.dispatch({ effects: markFault.of(null) });
      return;
    }
    const rest = doc.sliceString(position, Math.min(doc.length, position + 200));
    const length = Math.max(1, /^\w+|^\S+/.exec(rest)?.[0].length ?? 1);
    const from = Math.min(position, Math.max(0, doc.length - 1));
    const to = Math.min(doc.length, from + length);
    if (to > from) this.#view.dispatch({ effects: markFault.of([from, to]) });
  }

  focus(): void {
    this.#view.focus();
    this.#view.dispatch({ selection: { anchor: this.#view.state.doc.length } });
  }

  destroy(): void {
    this.#view.destroy();
  }
}

function leave(view: EditorView, actions: EditorActions): boolean {
  actions.cancel();
  view.contentDOM.blur();
  return true;
}
