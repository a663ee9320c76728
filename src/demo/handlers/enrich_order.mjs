// EnrichOrder where python3 has no boto3: the same as enrich_order.py, with a hand-signed call to the table.
import { createHash, createHmac } from 'node:crypto';

const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } =
  process.env;

export async function handler(records) {
  return Promise.all(records.map((record) => enrichEvent(JSON.parse(record.body))));
}

async function enrichEvent(event) {
  const { Item: item } = await getItem({
    TableName: 'Customers',
    Key: { CustomerId: { S: event.detail.customerId } },
  });
  event.detail.customerName = item ? item.CustomerName.S : 'unknown';
  return event;
}

async function getItem(input) {
  const body = JSON.stringify(input);
  const headers = sign(new URL(AWS_ENDPOINT_URL).host, body);
  const response = await fetch(AWS_ENDPOINT_URL, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`GetItem answered ${response.status}: ${await response.text()}`);
  return response.json();
}

function sign(host, body) {
  const date = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const scope = `${date.slice(0, 8)}/${AWS_REGION}/dynamodb/aws4_request`;
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    host,
    'x-amz-date': date,
    ...(AWS_SESSION_TOKEN ? { 'x-amz-security-token': AWS_SESSION_TOKEN } : {}),
    'x-amz-target': 'DynamoDB_20120810.GetItem',
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n');
  let key = hmac(`AWS4${AWS_SECRET_ACCESS_KEY}`, date.slice(0, 8));
  for (const part of [AWS_REGION, 'dynamodb', 'aws4_request']) key = hmac(key, part);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(request)].join('\n')).toString('hex');
  const credential = `Credential=${AWS_ACCESS_KEY_ID}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
