<!doctype html>
<html lang="en">
  <body>
    <img src="{{ $message->embed(public_path('logo.png')) }}" alt="Tea Shop">
    @yield('content')
    <p>Tea Shop, 1 Leaf Street</p>
  </body>
</html>
