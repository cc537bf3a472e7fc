// What the build makes of an import that ends so: the address of a worker's script.
declare module '*?worker&url' {
  const url: string;
  export default url;
}
