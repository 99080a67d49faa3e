<?php

namespace App\Mail;

use Illuminate\Mail\Mailable;

// snippet: mailable
class OrderConfirmed extends Mailable
{
    public function __construct(public array $order)
    {
    }

    public function build()
    {
        return $this->subject("Your order {$this->order['number']}")
            ->view('mail.order')
            ->text('mail.order-text')
            ->attach(public_path('terms.txt'), ['mime' => 'text/plain']);
    }
}
// end
