/** What a program must know to reach the server. */
export interface Reach {
  readonly host: string
  readonly port: number
  readonly tls: 'none' | 'starttls' | 'implicit'
  /** The name to log in with. The password comes from MAIL_PASSWORD. */
  readonly user: string | undefined
}

/** The settings of one framework to paste, with a title and where they belong. */
export interface Settings {
  /** `Django: settings.py`. */
  readonly title: string
  readonly text: (reach: Reach) => string
}
