import { leftoversIn } from './leftovers.ts'
import type { ProblemList } from './problem-list.ts'

/** Programs on phones show about 40 characters, others about 70. Nobody sees what comes after this. */
const LONGEST = 100

export function findSubjectProblems(subject: string | undefined, problems: ProblemList): void {
  if (subject === undefined) {
    const advice = 'Return a subject from the template, unless each message has its own.'
    return problems.add({ kind: 'subject', level: 'error', what: 'There is no subject', advice })
  }
  if (subject.trim() === '') {
    const advice = 'Say in a few words what the mail is about.'
    return problems.add({ kind: 'subject', level: 'error', what: 'The subject is empty', advice })
  }
  const { length } = Array.from(subject)
  if (length > LONGEST)
    problems.add({
      kind: 'subject',
      level: 'warning',
      what: `The subject has ${length} characters`,
      advice: 'Phones show about 40 and other programs about 70: put what matters first, and keep it short.',
    })
  for (const { found, why } of leftoversIn(subject, true))
    problems.add({ kind: 'subject', level: 'error', what: 'Left over in the subject', advice: why }, found)
}
