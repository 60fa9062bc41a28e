/** What a token is, as far as this adapter must know. Comments count as space. */
export type TokenKind =
  | 'space'
  | 'semicolon'
  | 'word'
  | 'quoted'
  | 'string'
  | 'parameter'
  | 'number'
  | 'symbol'

/**
 * Walks over SQL text token by token with the rules of SQLite's own tokenizer
 * (`sqlite3GetToken` in tokenize.c). Text that SQLite would refuse still ends in tokens: an
 * unterminated string reaches to the end of the text.
 */
export class SqlTokens {
  readonly sql: string
  kind: TokenKind = 'space'
  start = 0
  end = 0

  constructor(sql: string) {
    this.sql = sql
  }

  /** Moves to the next token. False at the end of the text. */
  next(): boolean {
    this.start = this.end
    if (this.start >= this.sql.length) return false
    this.end = this.#endOfToken()
    return true
  }

  /** The token's text. */
  get text(): string {
    return this.sql.slice(this.start, this.end)
  }

  /** The name that a word or a quoted name stands for. */
  get name(): string {
    if (this.kind !== 'quoted') return this.text
    const inside = this.sql.slice(this.start + 1, this.end - 1)
    const quote = this.sql[this.start] as string
    return quote === '[' ? inside : inside.replaceAll(quote + quote, quote)
  }

  #endOfToken(): number {
    const { sql, start } = this
    const code = sql.charCodeAt(start)
    if (isWordPart(code)) {
      if (code >= digit0 && code <= digit9) return this.#number()
      if ((code === 0x58 || code === 0x78) && sql.charCodeAt(start + 1) === quote) {
        this.kind = 'string'
        return this.#quoted(start + 1, quote)
      }
      if (code !== dollar) {
        if (code === byteOrderMark) {
          this.kind = 'space'
          return start + 1
        }
        this.kind = 'word'
        return this.#endOfWord(start + 1)
      }
    }
    switch (code) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0c:
      case 0x0d: {
        this.kind = 'space'
        let end = start + 1
        while (isSpace(sql.charCodeAt(end))) end++
        return end
      }
      case 0x3b:
        this.kind = 'semicolon'
        return start + 1
      case quote:
        this.kind = 'string'
        return this.#quoted(start, quote)
      case 0x22:
      case 0x60:
        this.kind = 'quoted'
        return this.#quoted(start, code)
      case 0x5b: {
        this.kind = 'quoted'
        const close = sql.indexOf(']', start)
        return close < 0 ? sql.length : close + 1
      }
      case 0x2d:
        if (sql.charCodeAt(start + 1) !== 0x2d) break
        return this.#comment(sql.indexOf('\n', start), 1)
      case 0x2f:
        if (sql.charCodeAt(start + 1) !== 0x2a || start + 2 >= sql.length) break
        return this.#comment(sql.indexOf('*/', start + 2), 2)
      case 0x2e:
        if (isDigit(sql.charCodeAt(start + 1))) return this.#number()
        break
      case 0x3f: {
        this.kind = 'parameter'
        let end = start + 1
        while (isDigit(sql.charCodeAt(end))) end++
        return end
      }
      case dollar:
      case 0x40:
      case 0x23:
      case 0x3a:
        return this.#namedParameter()
    }
    this.kind = 'symbol'
    return start + 1
  }

  #comment(close: number, length: number): number {
    this.kind = 'space'
    return close < 0 ? this.sql.length : close + length
  }

  #quoted(open: number, mark: number): number {
    const { sql } = this
    const text = String.fromCharCode(mark)
    let close = sql.indexOf(text, open + 1)
    while (close >= 0 && sql.charCodeAt(close + 1) === mark) close = sql.indexOf(text, close + 2)
    return close < 0 ? sql.length : close + 1
  }

  #endOfWord(from: number): number {
    let end = from
    while (isWordPart(this.sql.charCodeAt(end))) end++
    return end
  }

  #number(): number {
    this.kind = 'number'
    const { sql } = this
    let end = this.start
    for (;;) {
      const code = sql.charCodeAt(end)
      if (isWordPart(code) || code === 0x2e) end++
      else if ((code === 0x2b || code === 0x2d) && isExponent(sql, this.start, end)) end++
      else return end
    }
  }

  /** `:name`, `@name`, `$name`, `#1`; `$a::b(c)` where SQLite was built with Tcl's variables. */
  #namedParameter(): number {
    const { sql, start } = this
    let end = this.#endOfWord(start + 1)
    if (end === start + 1) {
      this.kind = 'symbol'
      return end
    }
    this.kind = 'parameter'
    while (sql.startsWith('::', end)) end = this.#endOfWord(end + 2)
    if (sql.charCodeAt(end) === 0x28) {
      const close = sql.indexOf(')', end)
      if (close > 0 && !/\s/.test(sql.slice(end, close))) end = close + 1
    }
    return end
  }
}

const quote = 0x27
const dollar = 0x24
const digit0 = 0x30
const digit9 = 0x39
const byteOrderMark = 0xfeff

function isDigit(code: number): boolean {
  return code >= digit0 && code <= digit9
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

/** Letters, digits, `_`, `$` and everything beyond ASCII. */
function isWordPart(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= digit0 && code <= digit9) ||
    code === 0x5f ||
    code === dollar ||
    code >= 0x80
  )
}

/** Whether the sign at `at` belongs to the exponent of the decimal number that began at `start`. */
function isExponent(sql: string, start: number, at: number): boolean {
  const before = sql.charCodeAt(at - 1)
  return (
    (before === 0x65 || before === 0x45) &&
    isDigit(sql.charCodeAt(at + 1)) &&
    sql.charCodeAt(start + 1) !== 0x78 &&
    sql.charCodeAt(start + 1) !== 0x58
  )
}
