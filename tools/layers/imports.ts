import ts from 'typescript'

/** One module that a file names, in a value or in a type. */
export interface ModuleReference {
  readonly specifier: string
  /** One-based. */
  readonly line: number
}

/**
 * Every module a TypeScript file refers to: imports and re-exports, `import type`, `import('…')` as
 * an expression and as a type, `import x = require('…')`, `require('…')` and `declare module '…'`.
 * A specifier that is not a literal cannot be followed and is left out.
 */
export function moduleReferences(fileName: string, text: string): ModuleReference[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, false)
  const found: ModuleReference[] = []

  function visit(node: ts.Node): void {
    const literal = specifierOf(node)
    if (literal !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(literal.pos)
      found.push({ specifier: literal.text, line: line + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return literal(node.moduleSpecifier)
  }
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined
  }
  if (ts.isExternalModuleReference(node)) return literal(node.expression)
  if (ts.isModuleDeclaration(node)) return literal(node.name)
  if (ts.isCallExpression(node)) {
    const callee = node.expression
    const imports = callee.kind === ts.SyntaxKind.ImportKeyword
    const requires = ts.isIdentifier(callee) && callee.text === 'require'
    return imports || requires ? literal(node.arguments[0]) : undefined
  }
  return undefined
}

function literal(node: ts.Node | undefined): ts.StringLiteralLike | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node : undefined
}
