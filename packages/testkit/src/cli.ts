#!/usr/bin/env node
import { runCommand } from './command/index.ts'

// Left as it is when nothing is left to wait for and the run has not ended.
process.exitCode = 2
let ended = false
process.once('exit', () => {
  if (ended) return
  process.stderr.write(
    'the run did not end: the adapter or the fixture waits for something that never comes\n',
  )
  process.exitCode = 2
})
process.exitCode = await runCommand(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  colours: process.stdout.isTTY && process.stdout.hasColors(),
})
ended = true
