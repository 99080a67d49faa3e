import {
  cutsEveryAnswer,
  keepsTheContract,
  losesConnections,
  playsEveryFailure,
  type Subject,
} from '../suites.ts'
import { ses } from '../../src/ses/index.ts'

const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const subject: Subject = {
  name: 'ses',
  key: secretAccessKey,
  create: (url, more) =>
    ses({ region: 'eu-west-1', accessKeyId: 'AKIDEXAMPLE', secretAccessKey, url, ...more }),
}

playsEveryFailure(subject)
cutsEveryAnswer(subject)
losesConnections(subject)
keepsTheContract(subject)
