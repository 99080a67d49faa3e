export {
  handlebars,
  type HandlebarsHelper,
  type HandlebarsHelperOptions,
  type HandlebarsOptions,
} from './handlebars.ts'
