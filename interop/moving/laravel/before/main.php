<?php

// A program with Laravel, as Debian 12 packages it. interop/test/laravel.test.ts runs it.

require_once 'Illuminate/autoload.php';
require __DIR__.'/app/Mail/OrderConfirmed.php';

use App\Mail\OrderConfirmed;
use Illuminate\Config\Repository;
use Illuminate\Foundation\Application;
use Illuminate\Support\Facades\Facade;
use Illuminate\Support\Facades\Mail;

[, $port, $cache] = $argv;

$app = new Application(__DIR__);
// What a whole application has in its folder config.
$app->instance('config', new Repository([
    'app' => ['locale' => 'en', 'fallback_locale' => 'en'],
    'view' => ['paths' => [resource_path('views')], 'compiled' => $cache],
    'mail' => [
        'default' => 'smtp',
        'mailers' => ['smtp' => ['transport' => 'smtp', 'host' => '127.0.0.1', 'port' => (int) $port, 'encryption' => null]],
        'from' => ['address' => 'tea@example.com', 'name' => 'Tea Shop'],
    ],
]));
Facade::setFacadeApplication($app);
foreach (['Filesystem\Filesystem', 'Translation\Translation', 'View\View', 'Mail\Mail'] as $name) {
    $app->register("Illuminate\\{$name}ServiceProvider");
}

$order = json_decode(file_get_contents(__DIR__.'/../order.json'), true);

// snippet: send
Mail::to($order['address'])->send(new OrderConfirmed($order));
// end
