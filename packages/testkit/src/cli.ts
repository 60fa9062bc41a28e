#!/usr/bin/env node
import { runCommand } from './command/index.ts'

process.exitCode = await runCommand(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  colours: process.stdout.isTTY && process.stdout.hasColors(),
})
