// nodemailer's pool over 20 connections: rows of a CSV, one message rendered for each, nothing kept.
// node nodemailer_pool.js FOLDER_OF_NODE_MODULES PORT CSV TEXT HTML -> seconds
const [modules, port, csv, textFile, htmlFile] = process.argv.slice(2);
const fs = require('fs');
const nodemailer = require(modules + '/node_modules/nodemailer');
const began = process.hrtime.bigint();
const rows = fs.readFileSync(csv, 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
const [text, html] = [textFile, htmlFile].map((name) => fs.readFileSync(name, 'utf8'));
const pool = nodemailer.createTransport({
  host: '127.0.0.1', port: Number(port), pool: true, maxConnections: 20, maxMessages: Infinity,
  ignoreTLS: true,
});
const fill = (words, row) => words.replaceAll('{name}', row[1]).replaceAll('{code}', row[0]);
Promise.all(rows.map((row) => pool.sendMail({
  from: 'Kestrel Cloud <notice@kestrel.example>', to: row[2], subject: 'A copy of your data',
  text: fill(text, row), html: fill(html, row),
}))).then(() => {
  pool.close();
  console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - began) / 1e9 }));
}, (error) => { console.error(error); process.exit(1); });
