/** What a name in a script means, or what a stretch of it is. */
export interface Word {
  /** Where it begins and ends. */
  from: number;
  to: number;
  text: string;
  /**
   * `read`: a variable's value; `set`: it gets one; `local`: it is declared; `called` and `defined`: a function. A
   * `blank` stands beside an operator, and parts nothing.
   */
  is: 'read' | 'set' | 'local' | 'called' | 'defined' | 'argument' | 'blank';
  /** The function that it stands in, by where that begins; 0: none. */
  scope: number;
}

const continuing = new Set(['then', 'do', 'else', 'if', 'while', 'until', 'elif', '!', '{']);

/** Reads a script of POSIX's shell, as far as ours use it, without comments. */
export function readShell(script: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  let scope = 0;
  let braces = 0;
  let hereDocument: { literal: boolean; end: string } | undefined;

  const note = (is: Word['is'], text: string, from = at): void => {
    words.push({ from, to: from + text.length, text, is, scope });
  };
  const match = (pattern: RegExp): string | undefined => {
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = at;
    return sticky.exec(script)?.[0];
  };

  const literal = (): void => {
    at = script.indexOf("'", at + 1) + 1;
  };
  const expansion = (): void => {
    if (script.startsWith('$((', at)) {
      at += 3;
      arithmetic();
    } else if (script.startsWith('$(', at)) {
      at += 2;
      code(')');
    } else if (script.startsWith('${', at)) {
      at += script[at + 2] === '#' && script[at + 3] !== '}' ? 3 : 2;
      const name = match(/\w+/) ?? '';
      note('read', name);
      at += name.length;
      quoted('}');
    } else {
      at += 1;
      const name = match(/[A-Za-z_]\w*/);
      if (name === undefined) return void (at += /[$#*@?!\d-]/.test(script[at] ?? '') ? 1 : 0);
      note('read', name);
      at += name.length;
    }
  };
  const arithmetic = (): void => {
    for (let depth = 2; depth > 0;) {
      const name = match(/[A-Za-z_]\w*/);
      if (name !== undefined) {
        note('read', name);
        at += name.length;
      } else if (script[at] === '$') expansion();
      else {
        const around = (script[at - 1] ?? '') + (script[at + 1] ?? '');
        if (script[at] === ' ' && !/^(\+\+|--)/.test(around)) note('blank', ' ');
        if (script[at] === '(') depth += 1;
        if (script[at] === ')') depth -= 1;
        at += match(/\d\w*/)?.length ?? 1;
      }
    }
  };
  const quoted = (end: string): void => {
    while (!script.startsWith(end, at)) {
      if (at >= script.length) throw new Error(`no ${end} in: ${script.slice(0, 200)}`);
      if (script[at] === '\\') at += 2;
      else if (script[at] === '$') expansion();
      else if (end === '}' && script[at] === "'") literal();
      else if (end === '}' && script[at] === '"') {
        at += 1;
        quoted('"');
      } else at += 1;
    }
    at += end.length;
  };

  /** To the end of a command's substitution, of a trap's text, or of the script. */
  const code = (end?: string): void => {
    let expected: 'command' | 'argument' | 'local' | 'read' | 'for' | 'pattern' | 'subject' | 'trap' =
      'command';
    let parentheses = 0;
    let operatorEnd = -1;
    const cases: number[] = [];
    const isInCase = (): boolean => cases.at(-1) === parentheses;
    while (at < script.length) {
      if (hereDocument && script[at] === '\n') {
        const { literal: isLiteral, end: last } = hereDocument;
        hereDocument = undefined;
        if (isLiteral) at = script.indexOf(`\n${last}\n`, at) + last.length + 1;
        else {
          quoted(`\n${last}\n`);
          at -= 1;
        }
        expected = 'command';
        continue;
      }
      if (end !== undefined && script[at] === end && parentheses === 0 && expected !== 'pattern') {
        at += 1;
        return;
      }
      const operator = match(/;;|&&|\|\||[;|&\n()]/);
      const blanks = match(/[ \t]+|\\\n/);
      const redirection = match(/\d*(?:<<-?|[<>]&-?\d*|>>?|<)/);
      if (blanks !== undefined) {
        const after = script[at + blanks.length] ?? '';
        if (/[;&|)]/.test(after) || (at === operatorEnd && after !== '(')) note('blank', blanks);
        at += blanks.length;
      } else if (redirection !== undefined) {
        at += redirection.length;
        if (redirection.endsWith('<<-')) {
          const [, quote = '', last = ''] = /^('?)(\w+)/.exec(script.slice(at)) ?? [];
          hereDocument = { literal: quote !== '', end: last };
          at += last.length + 2 * quote.length;
        } else if (!redirection.includes('&')) {
          at += match(/ */)?.length ?? 0;
          word(end);
        }
      } else if (operator !== undefined) {
        at += operator.length;
        operatorEnd = at;
        if (operator === ';;') expected = 'pattern';
        else if (expected === 'pattern') {
          if (operator === ')') expected = 'command';
        } else {
          if (operator === '(') parentheses += 1;
          if (operator === ')') parentheses -= 1;
          expected = 'command';
        }
      } else {
        const from = at;
        const plain = match(/[A-Za-z_]\w*/) ?? '';
        const assigns = plain !== '' && script[at + plain.length] === '=';
        const isFunction = script.startsWith('()', at + plain.length) && plain !== '';
        if (isFunction && expected === 'command') {
          scope = from + 1;
          note('defined', plain);
          at += plain.length + 2;
          continue;
        }
        if (assigns && expected === 'command') note('set', plain);
        if (expected === 'local' && plain !== '') note('local', plain);
        if (expected === 'trap' && script[at] === '"')
          throw new Error(`not understood: ${script.slice(at, at + 80)}`);
        if (expected === 'trap' && script[at] === "'") {
          at += 1;
          code("'");
          expected = 'argument';
          continue;
        }
        word(end);
        const text = script.slice(from, at);
        const whole = text === plain;
        if (expected === 'command' && !assigns) {
          if (text === 'local' || text === 'readonly' || text === 'export')
            expected = text === 'local' ? 'local' : 'read';
          else if (text === 'read') expected = 'read';
          else if (text === 'for' || text.startsWith('config_get')) expected = 'for';
          else if (text === 'trap') expected = 'trap';
          else if (text === 'case') {
            cases.push(parentheses);
            expected = 'subject';
          } else if (text === 'esac') cases.pop();
          else if (continuing.has(text)) {
            if (text === '{') braces += 1;
          } else if (text === '}') {
            braces -= 1;
            if (braces === 0) scope = 0;
          } else {
            if (whole) note('called', plain, from);
            expected = 'argument';
          }
        } else if (expected === 'subject') {
          if (text === 'in') expected = 'pattern';
        } else if (expected === 'pattern') {
          if (text === 'esac' && isInCase()) {
            cases.pop();
            expected = 'command';
          }
        } else if (expected === 'read') {
          if (whole || assigns) note('set', plain, from);
        } else if (expected === 'for') {
          if (whole) note('set', plain, from);
          expected = 'argument';
        } else if (expected === 'argument' && whole) note('argument', plain, from);
      }
    }
  };
  /** One word of a command, to its end. */
  const word = (end?: string): void => {
    const from = at;
    while (at < script.length && script[at] !== end && !/[ \t\n;|&()<>]/.test(script[at] ?? '')) {
      const c = script[at];
      if (c === '\\') at += 2;
      else if (c === "'") literal();
      else if (c === '"') {
        at += 1;
        quoted('"');
      } else if (c === '$') expansion();
      else at += 1;
    }
    if (at === from) throw new Error(`not understood: ${script.slice(at, at + 80)}`);
  };
  code();
  return words;
}
