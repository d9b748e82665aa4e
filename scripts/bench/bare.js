// The yardstick: what node:http alone does with a file. Arguments: a port and the file. Nobody compiles or changes it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, file] = process.argv.slice(2);
const body = readFileSync(file);
const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length }).end(body);
});
server.listen(Number(port), '127.0.0.1');
