/** The access rights of a service ("Service Security and Access Rights", Windows documentation). */
export const RIGHTS = {
  /** SERVICE_QUERY_CONFIG */
  readConfig: 0x1,
  /** SERVICE_CHANGE_CONFIG */
  changeConfig: 0x2,
  /** SERVICE_QUERY_STATUS */
  status: 0x4,
  /** SERVICE_START */
  start: 0x10,
  /** SERVICE_STOP, and SERVICE_QUERY_STATUS, which `stop` may need */
  stop: 0x24,
  /** SERVICE_PAUSE_CONTINUE */
  pauseContinue: 0x40,
  /** DELETE */
  delete: 0x1_0000,
  /** READ_CONTROL */
  readSecurity: 0x2_0000,
  /** WRITE_DAC */
  writeSecurity: 0x4_0000,
  /** SERVICE_ALL_ACCESS */
  all: 0xF_01FF,
} as const;

/** What a service is opened for. */
export type ServiceRight = keyof typeof RIGHTS;
