Thank you, {!! $order['name'] !!}!
Your order {!! $order['number'] !!} is on its way.
@foreach ($order['lines'] as $line)
- {!! $line['amount'] !!} × {!! $line['tea'] !!}: €{!! number_format($line['price'] / 100, 2) !!}
@endforeach
