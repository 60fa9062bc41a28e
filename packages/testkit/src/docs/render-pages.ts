import { type AreaCode, areas, laws, type Need, type Rule, tiers } from '../rule/index.ts'

/** One page of the documentation: its file name and its text. */
export interface Page {
  readonly file: string
  readonly text: string
}

const generated = '<!-- Written by `npm run docs:conformance`; change the rules instead. -->'

const levelMeanings = [
  ['MUST', 'broken, the adapter is not conformant and the run fails'],
  ['SHOULD', 'broken, the run warns'],
  ['MAY', 'broken, the run says so'],
] as const

const tierMeanings = {
  start: 'step by step from an empty adapter to one that works',
  core: 'everything that is quick; the default',
  extended: 'also what takes long or much memory',
} as const satisfies { readonly [tier in (typeof tiers)[number]]: string }

/** The pages of a catalogue: an overview, and one page for each area that has rules. */
export function renderPages(catalogue: readonly Rule[], ruleSet: string): readonly Page[] {
  const codes = (Object.keys(areas) as AreaCode[]).filter((code) =>
    catalogue.some(({ area }) => area === code),
  )
  return [
    { file: 'README.md', text: overview(catalogue, codes, ruleSet) },
    ...codes.map((code) => ({ file: fileOf(code), text: areaPage(catalogue, code) })),
  ]
}

function overview(catalogue: readonly Rule[], codes: readonly AreaCode[], ruleSet: string): string {
  const steps = catalogue.filter(({ step }) => step !== undefined)
  return page([
    '# Conformance',
    `Rule set ${ruleSet}: ${catalogue.length} rules. An adapter that keeps every MUST that applies to it may call itself conformant.`,
    '## Areas',
    table(
      ['area', 'rules', 'about'],
      codes.map((code) => [
        `[${code}](${fileOf(code)})`,
        String(catalogue.filter(({ area }) => area === code).length),
        areas[code],
      ]),
    ),
    '## Laws',
    table(
      ['law', 'rules', 'about'],
      Object.entries(laws).map(([number, title]) => [
        number,
        String(catalogue.filter(({ law }) => String(law) === number).length),
        title,
      ]),
    ),
    '## Levels and tiers',
    [...levelMeanings, ...tiers.map((tier) => [tier, tierMeanings[tier]] as const)]
      .map(([name, meaning]) => `- **${name}**: ${meaning}.`)
      .join('\n'),
    '## The first steps',
    steps
      .map(({ id, area, step }, i) => `${i + 1}. [${id}](${fileOf(area)}#${anchor(id)}) ${step}`)
      .join('\n'),
  ])
}

function areaPage(catalogue: readonly Rule[], code: AreaCode): string {
  const rules = catalogue.filter(({ area }) => area === code).sort((a, b) => (a.id < b.id ? -1 : 1))
  return page([
    `# ${code}: ${areas[code]}`,
    '[All areas](README.md)',
    rules.map(({ id, title }) => `- [${id}](#${anchor(id)}) ${title}`).join('\n'),
    ...rules.map(ruleText),
  ])
}

function ruleText(rule: Rule): string {
  const { id, title, level, law, tier, since, rationale, causes, needs, step } = rule
  return [
    `## ${id}`,
    `**${title}.**`,
    rationale,
    [
      `- ${level}, law ${law} (${laws[law]}), tier \`${tier}\`, since ${since}`,
      ...(step === undefined ? [] : [`- Step: ${step}`]),
      ...(needs.length === 0 ? [] : [`- Applies when ${needs.map(needText).join(', and ')}.`]),
      '- When it fails, look for:',
      ...causes.map((cause) => `  - ${cause}`),
    ].join('\n'),
  ].join('\n\n')
}

function needText({ text }: Need): string {
  return text
}

function fileOf(code: AreaCode): string {
  return `${code.toLowerCase()}.md`
}

function anchor(id: string): string {
  return id.toLowerCase()
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function page(parts: readonly string[]): string {
  return `${[generated, ...parts].join('\n\n')}\n`
}
