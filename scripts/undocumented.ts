// Lists what the packages export without a docstring, because it has no hover text: node scripts/undocumented.ts
import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SyntaxKind, type Node } from 'typescript/unstable/ast'
import { API, SymbolFlags, type Project, type Symbol } from 'typescript/unstable/sync'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

interface Manifest {
  readonly exports?: Readonly<Record<string, { readonly '@loudmail/source'?: string }>>
}

/**
 * Everything that users meet without a docstring, and where it stands: exports of a package, such as `MessageInput`, and the
 * properties and methods of what it exports, such as `MessageInput.from`.
 *
 * @param folder that of a package, such as `packages/core`
 */
export function undocumented(folder: string): string[] {
  const path = resolve(ROOT, folder)
  const { exports = {} } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as Manifest
  const api = new API({ cwd: path })
  try {
    const config = `${path}/tsconfig.json`
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)!
    const missing = new Set<string>()
    const seen = new Set<number>()
    for (const entry of Object.values(exports)) {
      const source = entry['@loudmail/source']
      if (source === undefined) continue
      const file = project.program.getSourceFile(resolve(path, source))!
      for (const symbol of project.checker.getExportsOfModule(project.checker.getSymbolAtLocation(file)!))
        for (const what of gaps(project, symbol, `${path}/src/`, seen)) missing.add(what)
    }
    return [...missing].toSorted()
  } finally {
    api.close()
  }
}

/** What is missing at an export, and at everything of this package that its type mentions. */
function* gaps(project: Project, given: Symbol, source: string, seen: Set<number>): Generator<string> {
  const symbol = given.flags & SymbolFlags.Alias ? project.checker.getAliasedSymbol(given) : given
  if (seen.has(symbol.id)) return
  seen.add(symbol.id)
  const declarations = symbol.declarations.flatMap((handle) => handle.resolve(project) ?? [])
  const own = declarations.filter((node) => node.getSourceFile().fileName.startsWith(source))
  const [first] = own
  if (!first || symbol.flags & SymbolFlags.TypeParameter) return
  // A property of a union is shown with the text of any member that has one.
  const members = own.flatMap(membersOf)
  const described = new Set(members.filter(isDescribed).map(nameOf))
  if (!own.some((node) => [node, ...variableOf(node)].some(isDescribed)))
    yield `${placeOf(first)} ${symbol.name}`
  for (const member of members)
    if (!described.has(nameOf(member))) yield `${placeOf(member)} ${symbol.name}.${nameOf(member)}`
  for (const name of own.flatMap(mentionedBy)) {
    const mentioned = project.checker.getSymbolAtLocation(name)
    if (mentioned) yield* gaps(project, mentioned, source, seen)
  }
}

const MEMBERS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.PropertySignature,
  SyntaxKind.MethodSignature,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
])

/** The properties and methods in a declaration that others can use by name. The text before a literal on one line explains all of it. */
function membersOf(declaration: Node): Node[] {
  return partsOf(declaration).filter(
    (node) => MEMBERS.has(node.kind) && /^[a-z]/i.test(nameOf(node)) && node.parent.getText().includes('\n'),
  )
}

/** The names of types in a declaration. */
function mentionedBy(declaration: Node): Node[] {
  const isName = ({ kind }: Node): boolean =>
    kind === SyntaxKind.TypeReference || kind === SyntaxKind.ExpressionWithTypeArguments
  return partsOf(declaration)
    .filter(isName)
    .map(
      (node) =>
        (node as Node & { typeName?: Node; expression?: Node }).typeName ??
        (node as never as { expression: Node }).expression,
    )
}

/** A declaration and everything in it, without the code of functions and what is private. */
function partsOf(node: Node): Node[] {
  const parts: Node[] = [node]
  node.forEachChild((child) => {
    const isPrivate = /^(?:static )?(?:readonly )?#|^private /.test(child.getText())
    if (child.kind !== SyntaxKind.Block && !isPrivate) parts.push(...partsOf(child))
    return undefined
  })
  return parts
}

/** The file and the line, as editors and terminals open them. */
function placeOf(node: Node): string {
  const { fileName, text } = node.getSourceFile()
  const line = text.slice(0, node.getStart()).split('\n').length
  return `${relative(ROOT, fileName)}:${line}`
}

function nameOf(node: Node): string {
  return (node as Node & { name: Node }).name.getText()
}

const VARIABLE_PARTS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.VariableDeclaration,
  SyntaxKind.VariableDeclarationList,
  SyntaxKind.BindingElement,
  SyntaxKind.ObjectBindingPattern,
  SyntaxKind.ArrayBindingPattern,
])

/** What a variable is a part of: its text stands before the whole statement. */
function variableOf(node: Node): Node[] {
  return VARIABLE_PARTS.has(node.kind) ? [node.parent, ...variableOf(node.parent)] : []
}

function isDescribed(node: Node | undefined): boolean {
  return node !== undefined && node.getFullText().slice(0, -node.getText().length).includes('/**')
}

if (import.meta.main)
  for (const path of globSync('packages/*/package.json', { cwd: ROOT }).toSorted())
    for (const what of undocumented(dirname(path))) console.log(what)
