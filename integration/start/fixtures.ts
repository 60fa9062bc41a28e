import type { Fixture } from '@mortise/testkit'
import guide from 'guide-adapter/fixture'
import sqlite from '../fixtures/sqlite.ts'

/** The adapters that the suite runs over: both SQLite drivers, and the guide's. */
export const conformanceFixtures: readonly Fixture[] = [...sqlite, ...(guide as Fixture[])]
