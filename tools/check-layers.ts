import { layerProblems } from './layers/check.ts'
import { readRepository } from './layers/repository.ts'

const repository = readRepository(`${import.meta.dirname}/..`)
const problems = layerProblems(repository)
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.stdout.write(`layers: ${repository.files.size} files, ${problems.length} problems\n`)
if (repository.files.size === 0 || problems.length > 0) process.exitCode = 1
