// An application that starts the program `ocamba`, and prints how many of no rows are valid.
const { Fleet } = require("ocamba-fleet");

new Fleet([]).check().then((result) => console.log(JSON.stringify(result)), (error) => console.log(error.message));
