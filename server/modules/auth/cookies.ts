import type { PublicRequest } from '../../platform';
import type { Issued } from './sessions.service';
import { TRUSTED_MS } from './trusted-devices.service';

const REFRESH_SEC = 90 * 86_400;
/** No browser keeps a cookie longer. */
const DEVICE_SEC = 400 * 86_400;

/** What browsers keep out of reach of scripts. */
const names = { refresh: 'loro_refresh', device: 'loro_device', trusted: 'loro_trusted' } as const;

export const cookies = {
  refresh: (request: PublicRequest) => request.cookie(names.refresh),
  device: (request: PublicRequest) => request.cookie(names.device),
  trusted: (request: PublicRequest) => request.cookie(names.trusted),
  /** A page of another host must not sign its visitor in, nor act for him. @throws Forbidden */
  mustBeOurs: (request: PublicRequest): void => void request.cookie(names.refresh),
};

/** Moves the refresh token from the answer into its cookie. */
export function intoCookie<T extends Issued>(
  { refreshToken, ...rest }: T,
  request: PublicRequest,
): Omit<T, 'refreshToken'> {
  request.setCookie(names.refresh, refreshToken, REFRESH_SEC);
  return rest;
}

export function keepDevice(deviceId: string | undefined, request: PublicRequest): void {
  if (deviceId !== undefined) request.setCookie(names.device, deviceId, DEVICE_SEC);
}

export const keepTrusted = (token: string, request: PublicRequest): void =>
  request.setCookie(names.trusted, token, TRUSTED_MS / 1000);

/** Signing out; the device stays known and trusted. */
export const forgetRefresh = (request: PublicRequest): void => request.setCookie(names.refresh, '', 0);
