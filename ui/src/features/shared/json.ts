// JSON made readable by moving white space only: parsing and writing it again would change amounts
// (12.10 becomes 12.1, and long ids lose digits).

/** Indented where the text is an object or array, else as it came. */
export function indentJson(text: string): string {
  const source = text.trim();
  if (!/^[[{]/.test(source) || !valid(source)) return text;
  let out = "";
  let depth = 0;
  let at = 0;
  while (at < source.length) {
    const c = source.charAt(at);
    if (c === '"') {
      const end = stringEnd(source, at);
      out += source.slice(at, end);
      at = end;
      continue;
    }
    if (c === "{" || c === "[") {
      const close = nextSolid(source, at + 1);
      if (source.charAt(close) === "}" || source.charAt(close) === "]") {
        out += c + source.charAt(close);
        at = close + 1;
        continue;
      }
      depth += 1;
      out += `${c}\n${"  ".repeat(depth)}`;
    } else if (c === "}" || c === "]") {
      depth -= 1;
      out += `\n${"  ".repeat(depth)}${c}`;
    } else if (c === ",") out += `,\n${"  ".repeat(depth)}`;
    else if (c === ":") out += ": ";
    else if (!/\s/.test(c)) out += c;
    at += 1;
  }
  return out;
}

function valid(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function nextSolid(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text.charAt(at))) at += 1;
  return at;
}

/** The place behind the closing quote. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === "\\" ? 2 : 1;
  return at + 1;
}

/** The lines before the body stay, the body is indented. */
export function readable(text: string): string {
  const start = text.search(/(^|\n)[[{]/);
  if (start < 0) return text;
  const body = text.charAt(start) === "\n" ? start + 1 : start;
  return text.slice(0, body) + indentJson(text.slice(body));
}
