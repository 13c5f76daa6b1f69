import Sqlite from 'better-sqlite3';

export type Database = Sqlite.Database;

export interface User {
  name: string;
  hash: string;
  avatar: Buffer;
}

export function openDatabase(path: string): Database {
  const database = new Sqlite(path);
  database.pragma('journal_mode = WAL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, hash TEXT NOT NULL, avatar BLOB NOT NULL) STRICT',
  );
  return database;
}

export class Users {
  readonly #insert: Sqlite.Statement<[User]>;
  readonly #find: Sqlite.Statement<[string], User>;
  readonly #names: Sqlite.Statement<[], string>;

  constructor(database: Database) {
    this.#insert = database.prepare(
      'INSERT INTO users VALUES (@name, @hash, @avatar) ON CONFLICT DO NOTHING',
    );
    this.#find = database.prepare('SELECT * FROM users WHERE name = ?');
    this.#names = database.prepare<[], string>('SELECT name FROM users ORDER BY name').pluck();
  }

  /** Returns whether the name was free. */
  add(user: User): boolean {
    return this.#insert.run(user).changes === 1;
  }

  find(name: string): User | undefined {
    return this.#find.get(name);
  }

  names(): string[] {
    return this.#names.all();
  }
}
