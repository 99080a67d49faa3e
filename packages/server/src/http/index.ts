export { answerOctets } from './script/answer-octets.ts'
export type {
  HttpAction,
  HttpActionFunction,
  HttpAnswer,
  HttpEnding,
  HttpScript,
} from './script/http-action.ts'
export type { HttpConnection } from './connection/http-connection.ts'
export type { HttpRequest } from './connection/http-request.ts'
export type { HttpServerEvents } from './http-events.ts'
export { startHttpServer, type HttpServer, type HttpServerOptions } from './start-http-server.ts'
export { providerAnswers } from './answers/provider-answers.ts'
export type {
  ExpectedFailure,
  ExpectedRecipient,
  ProviderAnswer,
  ProviderAnswers,
  ProviderFailure,
  ProviderFailureKind,
  ProviderName,
  ProviderSuccess,
} from './answers/provider-answer.ts'
export {
  playProvider,
  type PlayedProvider,
  type PlayProviderOptions,
  type TakenMessage,
} from './play/play-provider.ts'
