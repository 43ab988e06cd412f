export { default } from "../echo.mjs";
