import { describeTeaShop } from '../../express/test/tea-shop.ts'

describeTeaShop('Nest', new URL('../', import.meta.url))
