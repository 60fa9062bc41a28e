import type { TypeDescription } from './type-description.ts'

// pg_type.dat and pg_range.dat: these OIDs are the same in every database, for ever.

/** Name: OID and OID of the array type, 0 where there is none. */
const scalars = {
  bool: [16, 1000],
  bytea: [17, 1001],
  char: [18, 1002],
  name: [19, 1003],
  int8: [20, 1016],
  int2: [21, 1005],
  int2vector: [22, 1006],
  int4: [23, 1007],
  regproc: [24, 1008],
  text: [25, 1009],
  oid: [26, 1028],
  tid: [27, 1010],
  xid: [28, 1011],
  cid: [29, 1012],
  oidvector: [30, 1013],
  json: [114, 199],
  xml: [142, 143],
  point: [600, 1017],
  lseg: [601, 1018],
  path: [602, 1019],
  box: [603, 1020],
  polygon: [604, 1027],
  line: [628, 629],
  cidr: [650, 651],
  float4: [700, 1021],
  float8: [701, 1022],
  circle: [718, 719],
  macaddr8: [774, 775],
  money: [790, 791],
  macaddr: [829, 1040],
  inet: [869, 1041],
  aclitem: [1033, 1034],
  bpchar: [1042, 1014],
  varchar: [1043, 1015],
  date: [1082, 1182],
  time: [1083, 1183],
  timestamp: [1114, 1115],
  timestamptz: [1184, 1185],
  interval: [1186, 1187],
  timetz: [1266, 1270],
  bit: [1560, 1561],
  varbit: [1562, 1563],
  numeric: [1700, 1231],
  refcursor: [1790, 2201],
  regprocedure: [2202, 2207],
  regoper: [2203, 2208],
  regoperator: [2204, 2209],
  regclass: [2205, 2210],
  regtype: [2206, 2211],
  uuid: [2950, 2951],
  txid_snapshot: [2970, 2949],
  pg_lsn: [3220, 3221],
  tsvector: [3614, 3643],
  tsquery: [3615, 3645],
  gtsvector: [3642, 3644],
  regconfig: [3734, 3735],
  regdictionary: [3769, 3770],
  jsonb: [3802, 3807],
  jsonpath: [4072, 4073],
  regnamespace: [4089, 4090],
  regrole: [4096, 4097],
  regcollation: [4191, 4192],
  pg_snapshot: [5038, 5039],
  xid8: [5069, 271],
  unknown: [705, 0],
  record: [2249, 2287],
  cstring: [2275, 1263],
  void: [2278, 0],
} as const

/** Name: OID, OID of the array type, OID of what the bounds are. */
const ranges = {
  int4range: [3904, 3905, 23],
  numrange: [3906, 3907, 1700],
  tsrange: [3908, 3909, 1114],
  tstzrange: [3910, 3911, 1184],
  daterange: [3912, 3913, 1082],
  int8range: [3926, 3927, 20],
} as const

const multiranges = {
  int4multirange: [4451, 6150, 23],
  nummultirange: [4532, 6151, 1700],
  tsmultirange: [4533, 6152, 1114],
  tstzmultirange: [4534, 6153, 1184],
  datemultirange: [4535, 6155, 1082],
  int8multirange: [4536, 6157, 20],
} as const

/** The OIDs of the built-in types that readers are written for. */
export const oid: { readonly [name in keyof typeof scalars]: number } = Object.freeze(
  Object.fromEntries(Object.entries(scalars).map(([name, [typeOid]]) => [name, typeOid])),
) as { readonly [name in keyof typeof scalars]: number }

/** What PostgreSQL itself brings, by OID. */
export const builtInTypes: ReadonlyMap<number, TypeDescription> = new Map(describe())

function* describe(): Generator<[number, TypeDescription]> {
  for (const [name, [typeOid, array]] of Object.entries(scalars)) {
    yield* withArray({ kind: 'scalar', name, oid: typeOid }, array, name === 'box' ? ';' : ',')
  }
  for (const [name, [typeOid, array, bound]] of Object.entries(ranges)) {
    yield* withArray({ kind: 'range', name, oid: typeOid, bound }, array, ',')
  }
  for (const [name, [typeOid, array, bound]] of Object.entries(multiranges)) {
    yield* withArray({ kind: 'multirange', name, oid: typeOid, bound }, array, ',')
  }
}

function* withArray(
  type: BuiltInType,
  array: number,
  delimiter: string,
): Generator<[number, TypeDescription]> {
  const described = { ...type, schema: 'pg_catalog' }
  yield [type.oid, Object.freeze(described)]
  if (array === 0) return
  const name = `_${type.name}`
  const schema = described.schema
  yield [
    array,
    Object.freeze({ kind: 'array', name, schema, oid: array, element: type.oid, delimiter }),
  ]
}

type BuiltInType =
  | { readonly kind: 'scalar'; readonly name: string; readonly oid: number }
  | {
      readonly kind: 'range' | 'multirange'
      readonly name: string
      readonly oid: number
      readonly bound: number
    }
