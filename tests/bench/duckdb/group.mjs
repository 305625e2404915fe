// The same cells by DuckDB: GROUP BY over the CSV, on all its threads, written as CSV. Prints nothing
// else. The reader is told everything that rta count is told, so that neither has to guess.
import { DuckDBInstance } from "@duckdb/node-api";

const [file, to] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:");
const connection = await instance.connect();
await connection.run(`COPY (
  SELECT area, offence, reported[7:10] || '-' || reported[4:5] AS month, count(*) AS n
  FROM read_csv('${file}', header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
    columns = {'case_no': 'VARCHAR', 'reported': 'VARCHAR', 'area': 'VARCHAR', 'offence': 'VARCHAR',
      'age': 'VARCHAR', 'sex': 'VARCHAR', 'value': 'VARCHAR', 'status': 'VARCHAR',
      'remark': 'VARCHAR'})
  GROUP BY ALL ORDER BY ALL) TO '${to}' (HEADER false)`);
