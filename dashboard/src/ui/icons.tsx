import type { ReactNode } from 'react';

const paths = {
  map: (
    <path d="M9 4 3.500 6.200v13.300L9 17.300m0-13.300 6 2.200M9 4v13.300m6-11.100 5.500-2.200v13.300L15 19.500m0-13.300v13.300m0 0-6-2.200" />
  ),
  checkIns: <path d="m8.500 12 2.500 2.500 5-5.500M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z" />,
  reports: <path d="M4 20h16M7 16v-4m5 4V5m5 11V9" />,
  user: (
    <path d="M19.500 20.500c-1-3.600-4-5.500-7.500-5.500s-6.500 1.900-7.500 5.500M12 12a4.250 4.250 0 1 0 0-8.500 4.250 4.250 0 0 0 0 8.500Z" />
  ),
  users: (
    <path d="M15.500 19.500c-.7-3-3.200-4.500-6.250-4.500S3.700 16.500 3 19.500M9.250 11.750a3.600 3.600 0 1 0 0-7.200 3.600 3.600 0 0 0 0 7.200M21 18.500c-.5-2.300-1.900-3.700-3.800-4.200M15.400 4.900a3.600 3.600 0 0 1 0 6.600" />
  ),
  search: <path d="m20 20-4.400-4.400M17.500 11a6.500 6.500 0 1 1-13 0 6.500 6.500 0 0 1 13 0Z" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  chevron: <path d="m6.500 9.500 5.500 5.500 5.500-5.500" />,
  check: <path d="m5 12.500 4.500 4.500L19 7.500" />,
  arrowIn: (
    <path d="M14 4h4.500A1.500 1.500 0 0 1 20 5.500v13a1.500 1.500 0 0 1-1.500 1.500H14M4 12h11m0 0-4-4m4 4-4 4" />
  ),
  arrowOut: <path d="M10 4H5.500A1.500 1.500 0 0 0 4 5.500v13A1.500 1.500 0 0 0 5.500 20H10m-1-8h11m0 0-4-4m4 4-4 4" />,
  lost: (
    <path d="M3 3l18 18M8.500 8.700a5 5 0 0 0 6.900 6.900M5.700 5.900a9 9 0 0 0 12.400 12.400M12 3a9 9 0 0 1 9 9 9 9 0 0 1-.6 3.200M12 7a5 5 0 0 1 5 5" />
  ),
  found: (
    <path d="M12 12h.01M8.500 15.500a5 5 0 0 1 0-7m7 0a5 5 0 0 1 0 7M5.600 18.400a9 9 0 0 1 0-12.800m12.800 0a9 9 0 0 1 0 12.800" />
  ),
  download: <path d="M12 4v11m0 0-4.500-4.500M12 15l4.500-4.500M4.500 19.500h15" />,
  target: <path d="M12 3v3m0 12v3m9-9h-3M6 12H3m15 0a6 6 0 1 1-12 0 6 6 0 0 1 12 0Z" />,
  plus: <path d="M12 5v14M5 12h14" />,
  minus: <path d="M5 12h14" />,
  sun: (
    <path d="M12 3v1.500m0 15V21m9-9h-1.500M4.500 12H3m15.400-6.400-1.100 1.100M6.700 17.300l-1.100 1.100m12.800 0-1.100-1.100M6.700 6.700 5.600 5.600M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z" />
  ),
  moon: <path d="M20 14.300A8.300 8.300 0 0 1 9.700 4 8.300 8.300 0 1 0 20 14.300Z" />,
  screen: (
    <path d="M8.500 20h7M12 16.500V20M4.500 4.500h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1Z" />
  ),
  signOut: (
    <path d="M14 4h4.500A1.500 1.500 0 0 1 20 5.500v13a1.500 1.500 0 0 1-1.500 1.500H14M9 8l-4 4m0 0 4 4m-4-4h10" />
  ),
  alert: (
    <path d="M12 8.500v4.250m0 3.250h.01M10.700 4.200 3 17.500A1.500 1.500 0 0 0 4.300 19.750h15.400a1.500 1.500 0 0 0 1.300-2.250L13.300 4.200a1.500 1.500 0 0 0-2.600 0Z" />
  ),
  branch: <path d="M4 20.500V8.500l8-5 8 5v12M9 20.500v-6h6v6M2.500 20.500h19" />,
  back: <path d="M20 12H4m0 0 6-6m-6 6 6 6" />,
  sort: <path d="m8 9.500 4-4 4 4m-8 5 4 4 4-4" />,
  sortUp: <path d="m7.500 14 4.500-4.500 4.500 4.500" />,
  sortDown: <path d="m7.500 10 4.500 4.500 4.500-4.500" />,
  key: (
    <path d="M14.500 9.500h.01M10.800 13.200 4 20m2.500-2.500 2 2m.5-4.500 2 2M20 8.500a5 5 0 1 1-10 0 5 5 0 0 1 10 0Z" />
  ),
  settings: (
    <path d="M4 7h9m4 0h3M4 17h3m4 0h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z" />
  ),
  journal: (
    <path d="M6.500 3.500h11a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1ZM9 8h6M9 12h6M9 16h3" />
  ),
  licence: (
    <path d="M12 14.500a5.250 5.250 0 1 0 0-10.500 5.250 5.250 0 0 0 0 10.500Zm-3.500-1.300L7.500 20.500l4.500-2 4.500 2-1-7.300" />
  ),
  lock: (
    <path d="M6 10.500h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1Zm2 0V7.500a4 4 0 0 1 8 0v3" />
  ),
  retry: (
    <path d="M4.500 12a7.500 7.500 0 0 1 13-5.100L20 9.500M20 4.500v5h-5M19.500 12a7.500 7.500 0 0 1-13 5.100L4 14.500m0 5v-5h5" />
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof paths;

/** Decoration beside a text; where it stands alone, the control around it carries the name. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {paths[name]}
    </svg>
  );
}

/** A parrot: hook-shaped beak, one bright eye. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0b7a5c" />
      <path
        d="M10 25V14.500a6.500 6.500 0 0 1 13 0c0 4.200-2.600 6-6 6"
        fill="none"
        stroke="#fff"
        strokeWidth="3.200"
        strokeLinecap="round"
      />
      <circle cx="16.500" cy="14" r="2.200" fill="#ffd166" />
    </svg>
  );
}
