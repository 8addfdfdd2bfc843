// Questions to the official lexicons of @atproto/api, as JSON on stdin, answers as JSON on stdout.
//
//   {kind: "params", id, value}   -> null, or what is wrong with the query (names to lists of texts)
//   {kind: "output", id, value}   -> null, or what is wrong with the answer of the method
//   {kind: "record", id, value}   -> null, or what is wrong with the record
//   {kind: "properties", id}      -> the names of the properties of `id` ("nsid#def")

import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const require = createRequire(import.meta.url)
const { schemas } = require('@atproto/api')
const { Lexicons, jsonToLex } = require('@atproto/lexicon')
const lexicons = new Lexicons(schemas)

function decoded(id, query) {
  const known = lexicons.getDefOrThrow(id, ['query']).parameters.properties
  const entries = Object.entries(query).map(([name, texts]) => {
    if (!known[name]) throw new Error(`${id} has no parameter ${name}`)
    if (known[name].type === 'array') return [name, texts]
    if (texts.length > 1) throw new Error(`${id} takes one ${name}`)
    return [name, known[name].type === 'integer' ? Number(texts[0]) : texts[0]]
  })
  return Object.fromEntries(entries)
}

const answers = {
  params: ({ id, value }) => lexicons.assertValidXrpcParams(id, decoded(id, value)) && null,
  output: ({ id, value }) => lexicons.assertValidXrpcOutput(id, jsonToLex(value)) && null,
  record: ({ id, value }) => lexicons.assertValidRecord(id, jsonToLex(value)) && null,
  properties: ({ id }) => {
    const found = lexicons.getDefOrThrow(id, ['object', 'record'])
    return Object.keys((found.record ?? found).properties)
  },
}

function answer(question) {
  try {
    return answers[question.kind](question)
  } catch (error) {
    return `${question.id}: ${error.message}`
  }
}

console.log(JSON.stringify(JSON.parse(await text(process.stdin)).map(answer)))
