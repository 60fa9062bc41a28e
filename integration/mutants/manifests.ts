import { type Mutant, mutant, withClaims } from './mutant.ts'

/** Manifests that claim too much, or too little. */
export const manifestMutants: readonly Mutant[] = [
  mutant('the manifest claims a parameter too many', 'PAR-010', 'too many SQL variables', (good) =>
    withClaims(good, { maxParameters: good.capabilities.maxParameters + 1 }),
  ),
  mutant('the manifest claims a tenth of the parameters', 'MAN-015', 'parameters taken', (good) =>
    withClaims(good, { maxParameters: 3000 }),
  ),
  mutant('the manifest denies lastInsertId', 'EXE-019', 'lastInsertId', (good) =>
    withClaims(good, { lastInsertId: 'absent' }),
  ),
  mutant('the manifest claims defaults in cells', 'WRT-020', 'the rule got an error', (good) =>
    withClaims(good, { cellDefault: 'native' }),
  ),
  mutant(
    'the manifest claims constraints as conflict targets',
    'UPS-018',
    'the rule got an error',
    (good) => withClaims(good, { upsert: { ...good.capabilities.upsert, constraint: 'native' } }),
  ),
  mutant('the manifest claims row locks', 'QRY-015', 'the rule got an error', (good) =>
    withClaims(good, { rowLocks: ['update'] }),
  ),
  mutant(
    'the manifest claims that streams leave the connection free',
    'STR-015',
    'the rows that the same statement gave during the stream',
    (good) => withClaims(good, { streaming: 'interleaved' }),
  ),
  mutant(
    'the manifest names a migration lock that is not there',
    'MAN-011',
    'the names of adapter.migrationLocks',
    (good) => withClaims(good, { migrationLocks: ['advisory'] }),
  ),
  mutant(
    'the manifest denies RETURNING, which works',
    'MAN-012',
    'RETURNING works',
    (good) =>
      withClaims(good, { returning: { insert: 'absent', update: 'absent', delete: 'absent' } }),
    { catalogue: 65 },
  ),
  mutant('the manifest denies savepoints, which work', 'MAN-013', 'a savepoint was made', (good) =>
    withClaims(good, { savepoints: 'absent' }),
  ),
  mutant('the manifest denies upserts, which work', 'MAN-014', 'ON CONFLICT works', (good) =>
    withClaims(good, {
      upsert: {
        nothing: 'absent',
        update: 'absent',
        updateWhere: 'absent',
        updateWithoutTarget: 'absent',
        columns: 'absent',
        partialIndex: 'absent',
        constraint: 'absent',
        unsafeFragment: 'absent',
      },
    }),
  ),
  mutant(
    'the manifest denies scripts, which connections run',
    'MAN-016',
    'connection.executeScript',
    (good) => withClaims(good, { scripts: 'absent' }),
  ),
]
