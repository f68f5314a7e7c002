/** An operation as it is posted, ready to be written. */
export function postRequest(port: number, payload: object, accept: string): Buffer {
  const body = JSON.stringify(payload);
  const head = [
    'POST /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: keep-alive',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Accept: ${accept}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
