export { eta, type EtaHelper, type EtaOptions } from './eta.ts'
