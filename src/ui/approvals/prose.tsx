import { useMemo } from "react";
import { type Block, blocksIn, type Inline, linksIn } from "./markdown.ts";
import s from "./prose.module.css";

/** A text with its Markdown, as data: nothing is loaded, and a link says where it leads. */
export function Prose({ text }: { readonly text: string }) {
  const blocks = useMemo(() => blocksIn(text), [text]);
  return (
    <div className={s.prose}>
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
        <Whole key={index} block={block} />
      ))}
    </div>
  );
}

function Whole({ block }: { readonly block: Block }) {
  switch (block.is) {
    case "heading":
      return (
        <p className={s.heading}>
          <Pieces of={block.of} />
        </p>
      );
    case "paragraph":
      return (
        <p>
          <Pieces of={block.of} />
        </p>
      );
    case "code":
      return <pre className={s.code}>{block.text}</pre>;
    case "list": {
      const items = block.items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the items of one text never change places
        <li key={at}>
          <Pieces of={item} />
        </li>
      ));
      return block.isNumbered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

/** A text as it is, with its addresses as links. */
export function WithLinks({ text }: { readonly text: string }) {
  return <Pieces of={linksIn(text)} />;
}

function Pieces({ of }: { readonly of: readonly Inline[] }) {
  return of.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never change places
    <Piece key={index} piece={piece} />
  ));
}

function Piece({ piece }: { readonly piece: Inline }) {
  switch (piece.is) {
    case "text":
      return <span>{piece.text}</span>;
    case "strong":
      return <b>{piece.text}</b>;
    case "code":
      return <code>{piece.text}</code>;
    case "link":
      return (
        <a className={s.link} href={piece.href} target="_blank" rel="noreferrer">
          {piece.text}
          {piece.host !== null && <span className={s.host}> ({piece.host})</span>}
        </a>
      );
  }
}
