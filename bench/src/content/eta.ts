import { eta } from '@loudmail/content/eta'
import { Eta } from 'eta'
import { BARE, file, rendering, url, WHOLE, type Ways } from './way.ts'

export const ways: Ways = {
  alone: () => {
    const engine = new Eta()
    const compiled = engine.compile(file('order.eta'))
    return (order) => ({ html: engine.render(compiled, order) })
  },
  bare: () => rendering({ engine: eta(), html: url('order.eta'), ...BARE }),
  whole: () => rendering({ engine: eta(), html: url('order.eta'), ...WHOLE }),
}
