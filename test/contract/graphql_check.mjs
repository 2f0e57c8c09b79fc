// Hold GraphQL requests and answers against GitHub's schema.
// usage: graphql_check.mjs FOLDER < LINES
// Each line is {"query", "variables", "operationName", "answer"}; for each a line is written: a list of problems. An
// answer is checked by carrying out the query on its data: what is missing or of another type comes out as an error.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const folder = process.argv[2];
const { buildClientSchema, executeSync, parse, validate } = createRequire(folder + '/graphql-schema/')('graphql');
const schema = buildClientSchema(JSON.parse(readFileSync(folder + '/graphql-schema/schema.json', 'utf8')));

function asked(line) {
  let document;
  try {
    document = parse(line.query);
  } catch (e) {
    return { problems: [e.message] };
  }
  return { document, problems: validate(schema, document).map((e) => e.message) };
}

function problems(line) {
  const { document, problems: found } = asked(line);
  if (found.length) return found;
  const data = line.answer?.data ?? {};
  const done = executeSync({
    schema, document, rootValue: data, variableValues: line.variables, operationName: line.operationName,
    typeResolver: (value) => value.__typename,
  });
  const wrong = (done.errors ?? []).map((e) => `${(e.path ?? []).join('.')}: ${e.message}`);
  // An answer that is an error has nulls in places that must not be null.
  return line.answer?.errors ? wrong.filter((text) => !text.includes('Cannot return null')) : wrong;
}

for await (const line of createInterface({ input: process.stdin }))
  if (line.trim()) console.log(JSON.stringify(problems(JSON.parse(line))));
