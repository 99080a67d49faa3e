import { microsoftGraph } from '../../src/microsoft-graph/index.ts'
import {
  asksForTokens,
  keepsTheContract,
  losesAnswers,
  playsEveryFailure,
  verifies,
  type Subject,
} from '../mailbox-suites.ts'

const subject: Subject = { name: 'microsoftGraph', create: (options) => microsoftGraph(options) }

playsEveryFailure(subject)
losesAnswers(subject)
asksForTokens(subject)
verifies(subject)
keepsTheContract(subject)
