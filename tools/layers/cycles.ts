/** From a node to the nodes it refers to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>

/**
 * One shortest cycle through each group of nodes that reach each other, its first node repeated at
 * the end. Empty when the graph has no cycle.
 */
export function findCycles(graph: Graph): string[][] {
  const cycles: string[][] = []
  const seen = new Set<string>()
  for (const node of [...graph.keys()].sort()) {
    if (seen.has(node)) continue
    const cycle = shortestCycle(graph, node)
    if (cycle === undefined) continue
    cycles.push(cycle)
    const behind = reachable(graph, node)
    for (const other of behind) if (reachable(graph, other).has(node)) seen.add(other)
  }
  return cycles
}

function shortestCycle(graph: Graph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return pathBack(cameFrom, start, node)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, node)
      queue.push(next)
    }
  }
  return undefined
}

function pathBack(cameFrom: ReadonlyMap<string, string>, start: string, last: string): string[] {
  const path = [start]
  for (let node: string | undefined = last; node !== undefined; node = cameFrom.get(node)) {
    if (node === start) break
    path.push(node)
  }
  path.push(start)
  return path.reverse()
}

function reachable(graph: Graph, start: string): Set<string> {
  const found = new Set<string>()
  const queue = [start]
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (found.has(next)) continue
      found.add(next)
      queue.push(next)
    }
  }
  return found
}
