// Bluesky's own servers (PDS, AppView, PLC) on loopback, seeded by a plan.
//
//   DB_POSTGRES_URL=… REDIS_HOST=127.0.0.1:port node network.mjs plan.json
//
// The plan's shape is that of `Plan` in ../bluesky_network.py. Prints one line of JSON, {appview,
// pds, plc, dids: {account: did}, uris: {post: uri}}, and stays up until stdin closes or SIGTERM.

import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import dns from 'node:dns'
import net from 'node:net'

const require = createRequire(import.meta.url)
const pg = require('pg')

// dev-env listens on every interface and calls itself "localhost": keep both to 127.0.0.1.
dns.setDefaultResultOrder('ipv4first')
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  if (typeof args[0] === 'number' && typeof args[1] !== 'string') args.splice(1, 0, '127.0.0.1')
  else if (args[0]?.port !== undefined) args[0] = { host: '127.0.0.1', ...args[0] }
  return listen.apply(this, args)
}

// Only the AppView's search needs pg_trgm, and not every PostgreSQL has it: the embedded one lacks
// it. Its extension and its indexes are then left out; feeds, threads and profiles use neither.
async function withoutTrigramsIfMissing(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const found = await client.query("select 1 from pg_available_extensions where name = 'pg_trgm'")
  await client.end()
  if (found.rowCount) return
  const query = pg.Client.prototype.query
  pg.Client.prototype.query = function (text, ...rest) {
    const isTrigram = typeof text === 'string' && /pg_trgm|gist_trgm_ops/.test(text)
    return query.call(this, isTrigram ? 'select 1' : text, ...rest)
  }
}

async function seed(network, plan) {
  const client = network.getSeedClient()
  const refs = {}
  for (const { key, handle, name } of plan.accounts) {
    const login = { handle, email: `${key}@example.test`, password: `${key}-password` }
    await client.createAccount(key, login)
    await client.createProfile(client.dids[key], name, '')
  }
  const did = (key) => client.dids[key]
  for (const [from, to] of plan.follows) await client.follow(did(from), did(to))
  for (const post of plan.posts) {
    const overrides = { createdAt: post.created_at, langs: ['nl'] }
    const made = post.parent
      ? await client.reply(did(post.by), refs[post.root], refs[post.parent], post.text,
          undefined, undefined, overrides)
      : await client.post(did(post.by), post.text, undefined, undefined,
          post.quotes ? refs[post.quotes] : undefined, overrides)
    refs[post.key] = made.ref
  }
  for (const [by, key] of plan.likes) await client.like(did(by), refs[key])
  for (const { by, of, created_at: createdAt } of plan.reposts) {
    await client.repost(did(by), refs[of], { createdAt })
  }
  await network.processAll(60_000)
  await misfortunes(network, client, plan, refs)
  return { dids: client.dids, uris: Object.fromEntries(
    Object.entries(refs).map(([key, ref]) => [key, ref.uriStr])) }
}

// What happens to accounts and posts after they have been seen.
async function misfortunes(network, client, plan, refs) {
  const did = (key) => client.dids[key]
  for (const [by, whom] of plan.blocks) await client.block(did(by), did(whom))
  for (const key of plan.deleted_posts) {
    const uri = refs[key].uri
    await client.deletePost(uri.host, uri)
  }
  for (const key of plan.deactivated) {
    await client.agent.com.atproto.server.deactivateAccount(
      {}, { headers: client.getHeaders(did(key)), encoding: 'application/json' })
  }
  for (const key of plan.taken_down) {
    await network.bsky.ctx.dataplane.takedownActor({ did: did(key), ref: 'test' })
  }
  await network.processAll(60_000)
}

await withoutTrigramsIfMissing(process.env.DB_POSTGRES_URL)
const plan = JSON.parse(await readFile(process.argv[2], 'utf8'))
const { TestNetwork } = require('@atproto/dev-env')
const network = await TestNetwork.create({ dbPostgresSchema: 'klankbord' })
const made = await seed(network, plan)
const { bsky, pds, plc } = network
console.log(JSON.stringify({ appview: bsky.url, pds: pds.url, plc: plc.url, ...made }))

let isEnding = false
async function end() {
  if (isEnding) return
  isEnding = true
  setTimeout(() => process.exit(0), 3_000).unref()  // open sockets may keep close() waiting
  await network.close()
  process.exit(0)
}
process.stdin.on('end', end).on('close', end).resume()
process.on('SIGTERM', end)
process.on('SIGINT', end)
