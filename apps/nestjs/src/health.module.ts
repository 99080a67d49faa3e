import { MailHealthIndicator } from '@loudmail/nestjs/health'
import { Controller, Get, Module } from '@nestjs/common'
import { HealthCheck, HealthCheckService, TerminusModule, type HealthCheckResult } from '@nestjs/terminus'

// snippet: health
@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly mail: MailHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.mail.isHealthy('mail')])
  }
}

@Module({
  imports: [TerminusModule],
  controllers: [HealthController],
  providers: [MailHealthIndicator],
})
export class HealthModule {}
// end
