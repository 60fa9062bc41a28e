#!/usr/bin/env node
process.stderr.write('mortise-testkit: not ready yet\n')
process.exitCode = 2
