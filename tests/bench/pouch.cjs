// PouchDB that was offline replicates to a pouchdb-server: node pouch.cjs DIRECTORY URL, records on stdin, one a line.
// Says the seconds that the replication took. https://pouchdb.com/api.html#replication
const PouchDB = require('pouchdb');
const readline = require('readline');

const BATCH = 1000;

async function main() {
  const near = new PouchDB(process.argv[2]);
  let batch = [];
  let count = 0;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    batch.push({ _id: String(count++).padStart(9, '0'), fact: JSON.parse(line) });
    if (batch.length === BATCH) {
      await near.bulkDocs(batch);
      batch = [];
    }
  }
  await near.bulkDocs(batch);
  const started = process.hrtime.bigint();
  const done = await near.replicate.to(process.argv[3], { batch_size: BATCH });
  if (!done.ok || done.docs_written !== count) throw new Error(JSON.stringify(done));
  console.log(Number(process.hrtime.bigint() - started) / 1e9);
  process.exit(0);
}

main();
