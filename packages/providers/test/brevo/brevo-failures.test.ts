import {
  cutsEveryAnswer,
  keepsTheContract,
  losesConnections,
  playsEveryFailure,
  type Subject,
} from '../suites.ts'
import { brevo } from '../../src/brevo/index.ts'

const key = 'xkeysib-5ecre7-Key0123456789-aBcDeF'
const subject: Subject = { name: 'brevo', key, create: (url, more) => brevo({ key, url, ...more }) }

playsEveryFailure(subject)
cutsEveryAnswer(subject)
losesConnections(subject)
keepsTheContract(subject)
