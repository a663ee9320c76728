#!/usr/bin/env node
// Plain JavaScript that any Node can parse: says what is missing instead of failing on a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 11)) {
  await import('../dist/main.js');
} else {
  console.error(`millrace needs Node 24.11 or later; this is ${process.versions.node}. To run it as it is:`);
  console.error("  npx -y -p node@24 -p millrace -c 'millrace start'");
  process.exitCode = 1;
}
