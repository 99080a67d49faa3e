export {
  UnsubscribeModule,
  type UnsubscribeModuleAsyncOptions,
  type UnsubscribeModuleOptions,
  type UnsubscribeOptionsFactory,
  type UnsubscribeTaker,
} from './unsubscribe-module.ts'
