@extends('mail.layout')

@section('content')
  <h1 style="color: #b03a06;">Thank you, {{ $order['name'] }}!</h1>
  <p>Your order {{ $order['number'] }} is on its way.</p>
  <ul>
    @foreach ($order['lines'] as $line)
      <li>{{ $line['amount'] }} &times; {{ $line['tea'] }}: €{{ number_format($line['price'] / 100, 2) }}</li>
    @endforeach
  </ul>
@endsection
